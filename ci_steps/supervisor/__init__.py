"""The process that stands in front of one slot of a service and outlives the job that deploys.

It owns the public port, forwards connections to the service on a private one, starts it
again when it dies, and replaces it without a gap. It is a program of its own
(``python -m ci_steps.supervisor FOLDER``), of the standard library only, so that it starts
fast; the rest of ci-steps talks to it through the unix socket ``control`` in its folder.

Each line on the socket is a JSON object, and so is each answer; ``do`` says what is asked:

``greet``    is anybody there? From now on the supervisor waits for this connection to close
``claim``    be the one deployment; answers the port and what runs (refused while another is)
``listen``   have the public port; answers it
``start``    start a candidate on a private port; answers that
``inspect``  does the candidate run, how did it end, what did it print last?
``promote``  new connections go to the candidate; what ran before stays, without any
``confirm``  the candidate is proven: what ran before finishes its connections and ends
``undo``     the candidate ends; what ran before is back
``stop``     end the service and this process

A connection that closes before ``confirm`` means ``undo``: nothing of a deployment that was
interrupted or killed remains.
"""
