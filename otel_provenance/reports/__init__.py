"""Reports: one file a question, SQL over the tables of the record. They print nothing; the CLI does."""
