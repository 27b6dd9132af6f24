"""Reading files and pictures, and fetching them."""

from pydantic import BaseModel, field_validator

from memos.configs.sections.setting import setting


class DocumentSettings(BaseModel):
    """What a file may ask for, and where files may be fetched from."""

    document_max_pages: int = setting(
        500, "Most pages or slides of a file.", "Files and pictures", ge=1
    )
    fetch_allow: tuple[str, ...] = setting(
        (),
        "Hosts, addresses and networks that files may be fetched from although they are not public,"
        " apart by commas: `files.internal, 10.0.0.0/8`.",
        "Files and pictures",
    )
    vision_model: str | None = setting(
        None,
        "Chat model that sees pictures, at the address of the language model. Without it the text"
        " in a picture is read, where the extra `ocr` is installed.",
        "Files and pictures",
    )
    image_location: bool = setting(
        False,
        "Remember where a picture was taken, when the camera noted it.",
        "Files and pictures",
    )

    @field_validator("fetch_allow", mode="before")
    @classmethod
    def _parts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
