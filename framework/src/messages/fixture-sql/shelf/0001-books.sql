create table book (number integer generated always as identity primary key, title text not null);
