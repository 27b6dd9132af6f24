"""The memory graph: nodes, edges, vectors and words of every cube, behind one port."""
