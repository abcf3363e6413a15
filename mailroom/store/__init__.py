"""The only SQL and the only kept files. Rows stay in here; what goes out are values of the model."""
