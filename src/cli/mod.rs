//! What both plugins share: kubectl flags, the console, exit codes.
