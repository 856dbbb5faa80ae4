-- Few rows at any time: those under way. For the heartbeat, and for a node that comes back after a crash.
create index recipient_leased on queue.recipient (lease_owner) where lease_owner is not null;
