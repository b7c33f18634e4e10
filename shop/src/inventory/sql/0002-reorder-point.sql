-- Below so many available units a product is to be reordered; 0 for one that never is.
alter table stock add column reorder_point integer not null default 0 check (reorder_point >= 0);
