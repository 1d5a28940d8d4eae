//! What is installed: the files below `dist/`, applied, used and deleted as people do.

mod chart_defaults;
mod chart_jobs;
mod chart_life;
mod chart_readers;
mod chart_refusals;
mod chart_values;
mod files;
mod guide;
mod image;
mod kustomize;
mod left_in_place;
mod life;
mod node;
mod people;
mod pod;
mod pods;
mod readme;
mod release;
mod schemas;
mod uninstall;
mod upgrade;
