"""What the pages of onboarding show: queries, and the words for rows. Changes nothing."""
