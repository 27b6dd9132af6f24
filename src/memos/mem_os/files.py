"""Connects the reading of files and pictures: for messages, and for whoever reads documents."""

from dataclasses import dataclass

from memos.chunkers.structure import StructureChunker
from memos.configs.settings import Settings
from memos.handlers.add import AddMessages
from memos.handlers.erase import EraseMemories
from memos.handlers.message_files import MOST_BYTES, MessageFiles
from memos.llms.base import LLM
from memos.mem_os.feedback import Stores
from memos.mem_os.models import configured_llm
from memos.mem_reader.read_multi_modal.document import DocumentTeller
from memos.mem_reader.read_multi_modal.image import PictureTeller
from memos.mem_reader.read_multi_modal.reader import PartReader
from memos.mem_scheduler.attachments import Attachments, AttachmentStores
from memos.mem_scheduler.ingest import Ingest
from memos.parsers.address import AddressPolicy
from memos.parsers.base import ImageLimits, ParseLimits
from memos.parsers.fetch import FetchLimits, GuardedFetcher
from memos.parsers.process import ProcessParser
from memos.parsers.process_image import ProcessImageReader


@dataclass(frozen=True, slots=True)
class FileReading:
    """What reads files. Close it when done."""

    parser: ProcessParser
    images: ProcessImageReader
    fetcher: GuardedFetcher
    limits: ParseLimits

    def close(self) -> None:
        """End the processes."""
        self.parser.close()
        self.images.close()


def build_reading(settings: Settings) -> FileReading:
    """The readers that settings describe; nothing is started.

    Raises:
        ConfigError: a host to fetch from is none.
    """
    images = ProcessImageReader()
    return FileReading(
        parser=ProcessParser(images),
        images=images,
        fetcher=GuardedFetcher(AddressPolicy(settings.fetch_allow), FetchLimits(MOST_BYTES)),
        limits=ParseLimits(pages=settings.document_max_pages),
    )


def connect_files(settings: Settings, stores: Stores, ingest: Ingest, reading: FileReading) -> None:
    """Let every add read the documents and pictures of its messages."""
    documents = DocumentTeller(reading.parser, StructureChunker(), reading.limits)
    pictures = PictureTeller(
        reading.images,
        ImageLimits(location=settings.image_location),
        _vision_model(settings, stores),
    )
    reader = PartReader(documents, pictures, reading.fetcher)
    places = AttachmentStores(
        stores.records, stores.files, stores.graph, stores.embedder, ingest.gate, stores.clock
    )
    ingest.companions += (Attachments(places, reader, settings.secrets),)


def connect_payloads(stores: Stores, add: AddMessages, erase: EraseMemories) -> None:
    """Keep payloads of messages in the file store, and remove them with the messages."""
    add.files = MessageFiles(stores.files)
    erase.sweep = lambda: stores.files.sweep(stores.records.referred)


def _vision_model(settings: Settings, stores: Stores) -> LLM | None:
    if not settings.vision_model:
        return None
    seeing = settings.model_copy(update={"llm_model": settings.vision_model})
    return configured_llm(seeing, stores.clock, stores.spending.guards, "vision")
