package io.ringledger.localstack;

import java.util.List;

/** The three services of a stack, behind one public port. */
interface Services {
    /** The public port on loopback. */
    int port();

    /** The services that run in processes of their own. */
    List<ServiceProcess> processes();
}
