namespace Webmail.MailCore.Directory;

/// <summary>A domain of ours. <see cref="Name"/> is in lower case with U-labels, as EmailAddress writes it.</summary>
internal sealed class DomainRow
{
    public required string Name { get; init; }

    /// <summary>With A-labels, for DNS.</summary>
    public required string AsciiName { get; init; }

    public required string DkimSelector { get; set; }

    /// <summary>RSA, PKCS#8, PEM.</summary>
    public required string DkimPrivateKey { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A user. What is hot (counters, modseq) stands in mail.account_state, never here.</summary>
internal sealed class AccountRow
{
    public long AccountId { get; init; }

    /// <summary>As written; compared in lower case, by the key of its <see cref="AddressRow"/>.</summary>
    public required string Local { get; init; }

    public required string Domain { get; init; }

    public required string DisplayName { get; set; }

    /// <summary>See <see cref="Auth.PasswordHash"/>.</summary>
    public required string PasswordHash { get; set; }

    public bool IsAdministrator { get; set; }

    public bool IsDisabled { get; set; }

    /// <summary>As set by an administrator; the store holds the one that counts. Null: no limit.</summary>
    public long? QuotaBytes { get; set; }

    /// <summary>How many messages, likewise.</summary>
    public long? MessageLimit { get; set; }

    /// <summary>Grows with every change of password, rights or state.</summary>
    public long CredentialVersion { get; set; } = 1;

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastLogin { get; set; }
}

/// <summary>
/// Where an address leads: to an account (its own address) or to targets (an alias). One table for both, so that its key keeps addresses unique
/// across accounts and aliases, and a lookup is one row.
/// </summary>
internal sealed class AddressRow
{
    /// <summary>EmailAddress.Key; "@domain" for a catch-all.</summary>
    public required string Key { get; init; }

    /// <summary>The local part as written; empty for a catch-all.</summary>
    public required string Local { get; init; }

    public required string Domain { get; init; }

    public long? AccountId { get; init; }

    /// <summary>Local ones in lower case, outside ones as written; null for an account.</summary>
    public string[]? Targets { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public AccountRow? Account { get; init; }
}
