package io.ringledger.readmodel;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;

import java.time.Clock;
import java.time.Duration;

/**
 * A token of IAM in the place of a password, new for each connection: a request to log in, signed with
 * the credentials of this process. RDS and Aurora take it for 15 minutes; a connection that is open by
 * then stays open. Signing is local; getting credentials may ask an endpoint of the container.
 *
 * <p>The request that {@code RdsUtilities.generateAuthenticationToken} of the SDK signs: that class
 * comes with the whole client of RDS. A test compares it with what the signer of that class makes.
 */
final class IamPassword implements PasswordSource {
    private static final String SCHEME = "https";
    private static final Duration LIFE = Duration.ofMinutes(15);

    private final AwsCredentialsProvider credentials;
    private final String region;
    private final String host;
    private final int port;
    private final String user;
    private final Clock clock;
    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();

    IamPassword(
            final AwsCredentialsProvider credentials,
            final String region,
            final String host,
            final int port,
            final String user,
            final Clock clock) {
        this.credentials = credentials;
        this.region = region;
        this.host = host;
        this.port = port;
        this.user = user;
        this.clock = clock;
    }

    @Override
    public String password() {
        final SdkHttpFullRequest request = SdkHttpFullRequest.builder()
                .method(SdkHttpMethod.GET)
                .protocol(SCHEME)
                .host(host)
                .port(port)
                .encodedPath("/")
                .putRawQueryParameter("DBUser", user)
                .putRawQueryParameter("Action", "connect")
                .build();
        return signer.sign(signing -> signing.identity(credentials.resolveCredentials())
                        .request(request)
                        .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "rds-db")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                        .putProperty(
                                AwsV4FamilyHttpSigner.AUTH_LOCATION,
                                AwsV4FamilyHttpSigner.AuthLocation.QUERY_STRING)
                        .putProperty(AwsV4FamilyHttpSigner.EXPIRATION_DURATION, LIFE)
                        .putProperty(HttpSigner.SIGNING_CLOCK, clock))
                .request()
                .getUri()
                .toString()
                .substring(SCHEME.length() + "://".length());
    }

    @Override
    public boolean isFixed() {
        return false;
    }

    @Override
    public String toString() {
        return "tokens of IAM";
    }
}
