create schema mail; create schema queue;
