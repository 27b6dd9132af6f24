-- What a store of format 1 lacks. Versions have the columns of the items they are of.

-- A version that is no longer the present one. Half open: recorded_from <= known < recorded_until.
create table item_version(
  number integer primary key,
  id integer not null references item(id) on delete cascade,
  recorded_from integer not null,
  recorded_until integer not null,
  reason text not null,
  cause text not null,
  cube integer not null,
  uid text not null,
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
  info text not null
) strict;
create index item_version_item on item_version(id, recorded_until);
create index item_version_known on item_version(cube, recorded_until);

-- How the present version of an item came; absent while it is the first.
create table item_change(
  id integer primary key references item(id) on delete cascade,
  recorded_from integer not null,
  reason text not null,
  cause text not null
) strict;

create table item_use(
  id integer primary key references item(id) on delete cascade,
  count integer not null,
  last integer not null
) strict;

-- Every change of a state, by ids only.
create table trail(
  number integer primary key,
  id integer not null references item(id) on delete cascade,
  at integer not null,
  old text not null,
  new text not null,
  reason text not null,
  cause text not null
) strict;
create index trail_item on trail(id);
