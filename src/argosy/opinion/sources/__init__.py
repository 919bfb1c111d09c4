"""Where posts come from: files, mail, feeds, pages, streams; each goes on where it stopped."""
