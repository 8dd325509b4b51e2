"""Programs that each measure one part of monlvs by itself and print its bill."""
