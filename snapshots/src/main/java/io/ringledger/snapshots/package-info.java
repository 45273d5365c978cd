/** Where snapshots are kept, how one becomes visible whole, and which one a start takes (D8). */
@NullMarked
package io.ringledger.snapshots;

import org.jspecify.annotations.NullMarked;
