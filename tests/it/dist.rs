//! What is installed: the files below `dist/`, applied, used and deleted as people do.

mod files;
mod image;
mod left_in_place;
mod life;
mod people;
mod pod;
mod pods;
mod readme;
mod upgrade;
