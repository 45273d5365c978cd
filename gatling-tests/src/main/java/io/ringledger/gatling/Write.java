package io.ringledger.gatling;

/**
 * One credit or withdrawal. Immutable.
 *
 * @param account its id
 * @param isCredit true: money comes in
 * @param amount in minor units, above zero
 * @param key its idempotency key
 */
record Write(String account, boolean isCredit, long amount, String key) {
    String op() {
        return isCredit ? "credit" : "withdraw";
    }

    String path() {
        return "/v1/accounts/" + account + "/" + op();
    }

    String body() {
        return "{\"amount\":" + amount + "}";
    }

    /** As a member of a batch. */
    String batchMember() {
        return "{\"op\":\"" + op() + "\",\"accountId\":\"" + account + "\",\"idempotencyKey\":\""
                + key + "\",\"amount\":" + amount + "}";
    }

    /** What it changes the balance by. */
    long change() {
        return isCredit ? amount : -amount;
    }
}
