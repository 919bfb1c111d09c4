"""What is made and sold: each product declares its stages, template, pages and numbers in one short file."""
