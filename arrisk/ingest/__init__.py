"""Edge: other people's files in, canonical tables out, and whole files or nothing on the way back.

staging.convert     an export and a mapping -> raw canonical tables, with all that was refused or left out
mapping             load_mapping, list_mappings, parse_mapping
books.read_book     a book's folder -> raw tables
writing.write_book  tables -> a book's folder, whole or not at all
atomic              atomic_file, atomic_folder: every output of every command
"""
