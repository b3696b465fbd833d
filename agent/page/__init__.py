"""What the page shows and how it looks: HTML made from values, templates, styles and scripts."""
