"""One file a library that the application takes data in with, or lets it out by. ``base`` holds the contract."""
