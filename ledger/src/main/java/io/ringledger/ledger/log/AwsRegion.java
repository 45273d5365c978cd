package io.ringledger.ledger.log;

import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/** The region of AWS, from where the SDK looks for it: properties, environment, profile, instance. */
public final class AwsRegion {
    private AwsRegion() {}

    /**
     * The region.
     *
     * @throws IllegalStateException if none is set anywhere; the message says what to do, which the
     *     SDK's own does not
     */
    public static Region require() {
        try {
            return DefaultAwsRegionProviderChain.builder().build().getRegion();
        } catch (final SdkClientException e) {
            throw new IllegalStateException(
                    "no AWS region is set: set AWS_REGION (for a local stack to that of the file that"
                            + " `./ringledger up` names)",
                    e);
        }
    }
}
