-- The memory graph in one SQLite file. Times are ms since the epoch, UTC.
-- An item's id is cube << 32 | sequence, never reused, so that a cube is one range of rowids;
-- it stays inside the store, callers know the uid.

create table meta(
  name text primary key,
  value text not null
) strict, without rowid;

create table cube(
  id integer primary key autoincrement,
  uid text not null unique,
  project text not null,
  next integer not null default 1,
  rev integer not null default 0,
  log_from integer not null default 0
) strict;
create index cube_project on cube(project);

create table item(
  id integer primary key,
  uid text not null unique,
  cube integer not null references cube(id),
  kind text not null,
  status text not null,
  key text not null,
  value text not null,
  background text not null,
  reasoning text not null,
  speaker text not null,
  tags text not null,
  entities text not null,
  confidence real not null,
  version integer not null,
  event_from integer,
  event_until integer,
  created_at integer not null,
  updated_at integer not null,
  ordinal integer not null,
  is_question integer not null,
  content_hash text,
  sources text not null,
  conversation_id text,
  agent_id text,
  app_id text,
  info text not null,
  words text
) strict;
create index item_listing on item(cube, kind, updated_at);
create index item_content on item(cube, content_hash) where content_hash is not null;
create index item_conversation on item(cube, conversation_id) where conversation_id is not null;

create table item_tag(
  cube integer not null,
  tag text not null,
  id integer not null references item(id) on delete cascade,
  primary key(cube, tag, id)
) strict, without rowid;
create index item_tag_item on item_tag(id);

-- vector: float16 unit vector. tokens: t uint32 hashes, then t uint16 counts.
create table item_vector(
  id integer primary key references item(id) on delete cascade,
  vector blob,
  tokens blob not null
) strict;

-- Vectors of an embedder that is not in use yet.
create table shadow_vector(
  id integer primary key references item(id) on delete cascade,
  embedder text not null,
  vector blob not null
) strict;

create table edge(
  source integer not null references item(id) on delete cascade,
  kind text not null,
  target integer not null references item(id) on delete cascade,
  primary key(source, kind, target)
) strict, without rowid;
create index edge_target on edge(target, kind);

-- What changed in a cube, for snapshots held in memory. Numbers only, nothing of the content.
-- change: 0 gone, 1 all of it, 2 kind or status only.
create table cube_log(
  cube integer not null,
  rev integer not null,
  id integer not null,
  change integer not null,
  primary key(cube, rev)
) strict, without rowid;
