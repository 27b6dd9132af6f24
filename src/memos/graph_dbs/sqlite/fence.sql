-- Tasks that were taken over: the least number of a lease that may still write. Ids only.
create table fence(
  task text primary key,
  number integer not null,
  at integer not null
) strict, without rowid;
