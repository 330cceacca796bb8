"""What every stage stands on: figures, errors, units, random streams and digests.

In: nothing of ours. Out: the few types that all stages share. A stage may import this
package; this package imports no stage.
"""
