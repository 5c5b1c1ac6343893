// What is known of the link from a worker to the next one of the ring, in words.
import { bytes, integer, millis, plural } from "./format.js";

// tripText tells what the system measures of that link, where it does.
export const tripText = ({ link }) => (link ? [`round trip ${millis(link.rtt)}`, link.retransmits ? `${integer(link.retransmits)} sent again` : ""] : []);

// linkText tells of the link to the next worker.
export const linkText = (w) => [w.next ? `to ${w.next}` : "", w.sent ? `${bytes(w.sent)}/s` : "", ...tripText(w), w.queued ? plural(w.queued, "frame under way", "frames under way") : ""].filter(Boolean).join(", ");
