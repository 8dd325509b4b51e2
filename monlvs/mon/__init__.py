"""What Perl mon spells: configuration, protocol, environment, files. Pure codecs."""
