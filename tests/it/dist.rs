//! What is installed: the files below `dist/`, applied, used and deleted as people do.

mod files;
mod life;
mod people;
mod pod;
mod pods;
mod upgrade;
