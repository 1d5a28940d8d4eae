//! Pure log reading: which streams, windows and cursors; merging, deduplication, rendering.
