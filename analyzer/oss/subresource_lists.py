"""Whose V1 signature covers which query parameters: the list of every SDK and document that was read.

A row a source: its name here, where the list stands, and its names as on the wire, separated by blanks.
"""

from __future__ import annotations

__all__ = ["LISTS", "OPERATIONS"]

#: The lists.
LISTS: dict[str, bytes] = {
    # aliyun/aliyun-oss-python-sdk, oss2/auth.py
    "oss2-py": (
        b"accessPoint accessPointPolicy acl append asyncFetch bucketArchiveDirectRead bucketInfo callback "
        b"callback-var cname comp continuation-token cors delete encryption endTime group httpsConfig inventory "
        b"inventoryId lifecycle link live location logging metaQuery objectInfo objectMeta partNumber policy "
        b"position publicAccessBlock qos qosInfo qosRequester redundancyTransition referer regionList replication "
        b"replicationLocation replicationProgress requestPayment requesterQosInfo resourceGroup resourcePool "
        b"resourcePoolBuckets resourcePoolInfo response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires restore "
        b"security-token sequential startTime stat status style styleName symlink tagging transferAcceleration "
        b"uploadId uploads versionId versioning versions vod website worm wormExtend wormId x-oss-ac-forward-allow "
        b"x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-access-point-name x-oss-async-process "
        b"x-oss-process x-oss-redundancy-transition-taskid x-oss-request-payer x-oss-target-redundancy-type "
        b"x-oss-traffic-limit x-oss-write-get-object-response"
    ),
    # aliyun/alibabacloud-oss-python-sdk-v2, alibabacloud_oss_v2/signer/v1.py
    "py-v2": (
        b"acl append bucketInfo callback callback-var cloudboxes continuation-token delete location objectMeta "
        b"partNumber position regionList resourceGroup response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires restore "
        b"security-token sequential stat symlink tagging uploadId uploads versionId versioning versions"
    ),
    # aliyun/aliyun-oss-go-sdk, oss/conn.go
    "go-v1": (
        b"acl append asyncFetch bucketInfo callback callback-var cloudboxes cname comp continuation-token cors "
        b"delete encryption endTime img inventory inventoryId lifecycle live location logging metaQuery objectMeta "
        b"partNumber policy position qos qosInfo referer regionList replication replicationLocation "
        b"replicationProgress requestPayment resourceGroup response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires "
        b"responseHeader restore rtc security-token sequential startTime stat status style styleName symlink "
        b"tagging transferAcceleration udf udfApplication udfApplicationLog udfId udfImage udfImageDesc udfName "
        b"uploadId uploads versionId versioning versions vod website withHashContext worm wormExtend wormId "
        b"x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-async-process "
        b"x-oss-enable-md5 x-oss-enable-sha1 x-oss-enable-sha256 x-oss-hash-ctx x-oss-md5-ctx x-oss-process "
        b"x-oss-request-payer x-oss-traffic-limit"
    ),
    # aliyun/alibabacloud-oss-go-sdk-v2, oss/signer/v1.go
    "go-v2": (
        b"acl append bucketInfo callback callback-var cloudboxes continuation-token delete location objectMeta "
        b"partNumber position regionList response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires restore "
        b"security-token sequential stat symlink tagging uploadId uploads versionId versioning versions"
    ),
    # aliyun/aliyun-oss-java-sdk, internal/SignParameters.java
    "java-v1": (
        b"accessPoint accessPointPolicy acl append asyncFetch bucketArchiveDirectRead bucketInfo callback "
        b"callback-var cname comp continuation-token cors delete encryption endTime httpsConfig img inventory "
        b"inventoryId lifecycle live location logging metaQuery objectMeta partNumber policy policyStatus position "
        b"processConfiguration publicAccessBlock qos qosInfo redundancyTransition referer regionList replication "
        b"replicationLocation replicationProgress requestPayment resourceGroup response-cache-control "
        b"response-content-disposition response-content-encoding response-content-language response-content-type "
        b"response-expires restore seal security-token sequential startTime stat status style styleName symlink "
        b"tagging transferAcceleration udf udfApplication udfApplicationLog udfImage udfImageDesc udfName uploadId "
        b"uploads versionId versioning versions vip vod vpcip website worm wormExtend wormId "
        b"x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-async-process "
        b"x-oss-delete x-oss-dir x-oss-process x-oss-redundancy-transition-taskid x-oss-rename x-oss-request-payer "
        b"x-oss-target-redundancy-type x-oss-traffic-limit x-oss-write-get-object-response"
    ),
    # aliyun/alibabacloud-oss-java-sdk-v2, signer/SignerV1.java
    "java-v2": (
        b"acl append bucketInfo callback callback-var cleanRestoredObject cloudboxes continuation-token delete "
        b"location objectMeta partNumber position regionList resourceGroup response-cache-control "
        b"response-content-disposition response-content-encoding response-content-language response-content-type "
        b"response-expires restore security-token sequential stat symlink tagging uploadId uploads versionId "
        b"versioning versions"
    ),
    # aliyun/aliyun-oss-php-sdk, src/OSS/Signer
    "php-v1": (
        b"acl append asyncFetch bucketInfo callback callback-var cloudboxes cname comp continuation-token cors "
        b"delete encryption endTime img inventory inventoryId lifecycle live location logging metaQuery objectMeta "
        b"partNumber policy position qos qosInfo referer regionList replication replicationLocation "
        b"replicationProgress requestPayment resourceGroup response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires "
        b"responseHeader restore rtc security-token sequential startTime stat status style styleName symlink "
        b"tagging transferAcceleration udf udfApplication udfApplicationLog udfId udfImage udfImageDesc udfName "
        b"uploadId uploads versionId versioning versions vod website withHashContext worm wormExtend wormId "
        b"x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-async-process "
        b"x-oss-enable-md5 x-oss-enable-sha1 x-oss-enable-sha256 x-oss-hash-ctx x-oss-md5-ctx x-oss-process "
        b"x-oss-request-payer x-oss-security-token x-oss-traffic-limit"
    ),
    # aliyun/alibabacloud-oss-php-sdk-v2, src/Signer
    "php-v2": (
        b"acl append bucketInfo callback callback-var cloudboxes continuation-token delete location objectMeta "
        b"partNumber position regionList response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires restore "
        b"security-token sequential stat symlink tagging uploadId uploads versionId versioning versions"
    ),
    # aliyun/aliyun-oss-c-sdk, oss_c_sdk/oss_auth.c
    "c": (
        b"acl append bucketInfo comp cors delete endTime lifecycle live location logging objectMeta partNumber "
        b"position qos referer response-cache-control response-content-disposition response-content-encoding "
        b"response-content-language response-content-type response-expires restore security-token startTime stat "
        b"status symlink tagging uploadId uploads vod website x-oss-process x-oss-sign-origin-only"
    ),
    # aliyun/aliyun-oss-cpp-sdk, sdk/src/signer
    "cpp": (
        b"acl append bucketInfo callback callback-var comp continuation-token cors delete encryption endTime "
        b"inventory inventoryId lifecycle live location logging objectMeta partNumber policy position qos qosInfo "
        b"referer regionList requestPayment response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires restore "
        b"security-token sequential startTime stat status symlink tagging uploadId uploads versionId versioning "
        b"versions vod website worm wormExtend wormId x-oss-process x-oss-request-payer x-oss-traffic-limit"
    ),
    # aliyun/aliyun-oss-csharp-sdk, sdk/Util/SignUtils.cs
    "net-v1": (
        b"acl append bucketInfo callback callback-var comp continuation-token cors delete encryption endTime "
        b"inventory inventoryId lifecycle live location logging objectMeta partNumber policy position qos referer "
        b"requestPayment response-cache-control response-content-disposition response-content-encoding "
        b"response-content-language response-content-type response-expires restore security-token startTime stat "
        b"status symlink tagging uploadId uploads versionId versioning versions vod website worm wormExtend wormId "
        b"x-oss-process x-oss-request-payer x-oss-traffic-limit"
    ),
    # aliyun/alibabacloud-oss-csharp-sdk-v2, src/AlibabaCloud.OSS.V2/Signer
    "net-v2": (
        b"acl append bucketInfo callback callback-var cloudboxes continuation-token delete location objectMeta "
        b"partNumber position regionList response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires restore "
        b"security-token sequential stat symlink tagging uploadId uploads versionId versioning versions"
    ),
    # aliyun/alibabacloud-oss-swift-sdk-v2
    "swift-v2": (
        b"acl append bucketInfo callback callback-var cleanRestoredObject cloudboxes continuation-token delete "
        b"location objectMeta partNumber position regionList response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires restore "
        b"security-token sequential stat symlink tagging uploadId uploads versionId versioning versions "
        b"x-oss-process"
    ),
    # aliyun/aliyun-oss-android-sdk
    "android": (
        b"acl append bucketInfo cors delete lifecycle location logging objectMeta partNumber position referer "
        b"response-cache-control response-content-disposition response-content-encoding response-content-language "
        b"response-content-type response-expires restore security-token sequential symlink tagging uploadId "
        b"uploads website x-oss-process"
    ),
    # aliyun/aliyun-oss-ios-sdk
    "ios": (
        b"acl append bucketInfo cname comp cors delete endTime img lifecycle live location logging objectMeta "
        b"partNumber position qos referer replication replicationLocation replicationProgress "
        b"response-cache-control response-content-disposition response-content-encoding response-content-language "
        b"response-content-type response-expires restore security-token sequential startTime status style "
        b"styleName symlink tagging uploadId uploads vod website x-oss-process"
    ),
    # apache/opendal-reqsign, services/aliyun-oss/src/sign_request.rs
    "reqsign-rs": (
        b"acl append asyncFetch bucketInfo callback callback-var cloudboxes cname comp continuation-token cors "
        b"delete encryption endTime img inventory inventoryId lifecycle live location logging metaQuery objectMeta "
        b"partNumber policy position qos qosInfo referer regionList replication replicationLocation "
        b"replicationProgress requestPayment response-cache-control response-content-disposition "
        b"response-content-encoding response-content-language response-content-type response-expires restore "
        b"security-token sequential startTime stat status style styleName symlink tagging transferAcceleration udf "
        b"udfApplication udfApplicationLog udfId udfImage udfImageDesc udfName uploadId uploads versionId "
        b"versioning versions vod website withHashContext worm wormExtend wormId x-oss-ac-forward-allow "
        b"x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-enable-md5 x-oss-enable-sha1 "
        b"x-oss-enable-sha256 x-oss-hash-ctx x-oss-md5-ctx x-oss-process x-oss-request-payer x-oss-traffic-limit"
    ),
    # AlibabaCloudDocs/oss, API reference, page "Include signatures in the Authorization header" (2021)
    "docs-2021": (
        b"acl append bucketInfo cname comp cors delete endTime img lifecycle live location logging objectMeta "
        b"partNumber position qos referer replication replicationLocation replicationProgress "
        b"response-cache-control response-content-disposition response-content-encoding response-content-language "
        b"response-content-type response-expires security-token startTime status style styleName symlink tagging "
        b"uploadId uploads vod website x-oss-process"
    ),
}

#: What single operations of the newer SDKs sign beyond their list.
OPERATIONS: dict[str, bytes] = {
    # alibabacloud-oss-python-sdk-v2, per-operation sub-resources
    "py-v2-ops": (
        b"MetaQuery accessPoint accessPointPolicy bucketArchiveDirectRead cleanRestoredObject cloudboxes cname "
        b"comp cors dataPipeline encryption httpsConfig inventory inventoryId legalHold lifecycle logging "
        b"metaQuery objectWorm overwriteConfig policy policyStatus publicAccessBlock redundancyTransition referer "
        b"replication replicationLocation replicationProgress requestPayment resourceGroup retention rtc seal "
        b"style styleName tagging transferAcceleration userDefinedLogFieldsConfig website worm wormExtend wormId "
        b"x-oss-access-point-name x-oss-redundancy-transition-taskid x-oss-target-redundancy-type"
    ),
    # alibabacloud-oss-go-sdk-v2, per-operation sub-resources
    "go-v2-ops": (
        b"DeleteVectorIndex GetVectorIndex ListVectorIndexes PutVectorIndex accessPoint "
        b"accessPointConfigForObjectProcess accessPointForObjectProcess accessPointPolicy "
        b"accessPointPolicyForObjectProcess bucketArchiveDirectRead cleanRestoredObject cloudboxes cname comp cors "
        b"encryption httpsConfig inventory inventoryId legalHold lifecycle logging metaQuery objectWorm "
        b"overwriteConfig policy policyStatus publicAccessBlock redundancyTransition referer regions replication "
        b"replicationLocation replicationProgress requestPayment resourceGroup retention rtc seal style styleName "
        b"tagging transferAcceleration userDefinedLogFieldsConfig website worm wormExtend wormId "
        b"x-oss-write-get-object-response"
    ),
    # alibabacloud-oss-php-sdk-v2, per-operation sub-resources
    "php-v2-ops": (
        b"accessPoint accessPointPolicy acl append bucketArchiveDirectRead bucketInfo cleanRestoredObject "
        b"cloudboxes cname comp cors encryption httpsConfig inventory inventoryId lifecycle location logging "
        b"metaQuery objectMeta policy policyStatus publicAccessBlock redundancyTransition referer replication "
        b"replicationLocation replicationProgress requestPayment resourceGroup restore rtc stat style styleName "
        b"symlink tagging transferAcceleration userDefinedLogFieldsConfig versioning website worm wormExtend "
        b"wormId"
    ),
}
