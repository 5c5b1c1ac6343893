// Package api is the contract between the coordinator and everybody else: the
// gRPC service that workers and the command line call (api.proto), and the
// JSON that the status page reads (status.go).
//
// A worker talks by one stream, Work, which it begins anew, with the coordinator
// that leads, when it breaks. Its hello then says where it stands:
//
//	worker                                coordinator
//	Hello{version, bits, data, …}   ──>   decide: admit or refuse
//	                                <──   Welcome{worker, term, gossip} | Refused{reason, later} | Follow{leader}
//	                                <──   Pulse{term, doubt}           (every second)
//	                                <──   View{generation, lanes, peers, from}
//	Ready{generation}               ──>
//	StepReport …  Evaluated …       ──>
//	                                <──   Decision{stop | checkpoint}  (to the view's first worker)
//	Saved{step, files}              ──>
//	                                <──   Verify{step, files}          (each checks another's)
//	Verified{step}                  ──>
//	                                <──   Commit{step, manifest}       (to the view's first worker)
//	Committed{step, digest}         ──>
//	                                <──   CheckpointDone{step, digest}
//	Leave{}                         ──>   decide: the next view, without it
//	Finished{step}                  ──>
//	                                <──   End{reason, exit_code}
//	Failed{step, what}              ──>   decide: who is to blame
//	                                <──   End{reason, exit_code}
//
// A decision from outside reaches the view's first worker, which puts it into
// its part of the next step's gather, so all workers act at the same step.
// A stream that closes without End, or says nothing for two seconds, may mean that another coordinator leads.
//
// Regenerate api.pb.go and api_grpc.pb.go with `make proto`.
package api
