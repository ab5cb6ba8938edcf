"""Where the sides meet: the network between them, ready-made worlds, and attacks played from start to end."""
