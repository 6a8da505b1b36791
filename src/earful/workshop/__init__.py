"""The workshop: taxonomies changed, learned and discovered."""
