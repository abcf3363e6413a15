"""What the town hall's post amounts to: figures by day, the yearly and monthly report, and one for the public."""
