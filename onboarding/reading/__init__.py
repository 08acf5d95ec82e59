"""How the journey's rows read to people: queries and the words for them. Changes nothing."""
