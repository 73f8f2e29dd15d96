"""The portal's pages about enrollments, reviews and the membership registry."""
