using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin;

/// <param name="QuotaBytes">Null: no limit.</param>
/// <param name="MessageLimit">Null: no limit.</param>
public sealed record UserInfo(
    AccountId Id,
    string Address,
    string DisplayName,
    bool IsAdministrator,
    bool IsDisabled,
    long? QuotaBytes,
    long? MessageLimit,
    long UsedBytes,
    long Messages,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastLogin);

public sealed record NewUser(string Address, string Password)
{
    public string DisplayName { get; init; } = "";

    public bool IsAdministrator { get; init; }

    /// <summary>Null: as Limits.Quota says; 0: no limit.</summary>
    public long? QuotaBytes { get; init; }

    /// <summary>How many messages; null or 0: no limit.</summary>
    public long? MessageLimit { get; init; }

    public override string ToString() => $"NewUser {{ {Address} }}";
}

public sealed record UserQuery
{
    public string? Domain { get; init; }

    /// <summary>Part of the address or of the display name.</summary>
    public string? Search { get; init; }

    public string? After { get; init; }

    public int Limit { get; init; } = 100;
}
