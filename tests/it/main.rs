//! Integration tests: one binary, because each one links everything.
