using Webmail.MailCore.Auth;

namespace Webmail.MailCore.Directory;

/// <summary>Something that a program logs in with. An app password has a SCRAM verifier, the other kinds a digest.</summary>
internal sealed class CredentialRow
{
    public long CredentialId { get; init; }

    public long AccountId { get; init; }

    public required CredentialKind Kind { get; init; }

    public required string Label { get; init; }

    public required AccessScopes Scopes { get; init; }

    public byte[]? Salt { get; init; }

    public int? Iterations { get; init; }

    public byte[]? StoredKey { get; init; }

    public byte[]? ServerKey { get; init; }

    /// <summary>SHA-256 of the token, or of the certificate's DER.</summary>
    public byte[]? Digest { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>To the minute.</summary>
    public DateTimeOffset? LastUsed { get; set; }

    public AccountRow? Account { get; init; }
}

/// <summary>Octets that all nodes of an installation share and nobody else knows.</summary>
internal sealed class SecretRow
{
    /// <summary>HMAC key of the salts that SCRAM tells.</summary>
    public const string ScramSalt = "scram-salt";

    public required string Name { get; init; }

    public required byte[] Value { get; init; }
}
