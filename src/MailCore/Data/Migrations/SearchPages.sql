-- Which messages of a segment (2,048 message ids of an account) hold which pieces of text: a segment is written once, when all its texts are stored, and
-- read by key. A page is what fits into a row without a second table: pieces and their messages in ascending order, the first of them in the key; the
-- first page of a segment begins with 0. What stands in it is said in SegmentPages.
create table mail.search_page (
  account_id bigint, segment int, first_gram bigint, data bytea not null,
  primary key (account_id, segment, first_gram)
);
alter table mail.search_page alter data set storage main;

-- How many segments of an account have been written, or passed over because nothing is left in them.
alter table mail.search_progress add column segments int not null default 0;

-- The bigrams that the plan had: never filled. The column stays for nodes of the release before.
drop index mail.search_grams;
alter table mail.search_text alter grams set default '{}';

create function mail.remove_account_3(p_account bigint) returns void language plpgsql as $$
begin
  perform mail.remove_account_2(p_account);
  delete from mail.search_page where account_id = p_account;
end $$;
