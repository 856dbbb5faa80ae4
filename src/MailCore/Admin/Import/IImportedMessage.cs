using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin.Import;

/// <summary>A message that is being read from another server's store. Flags and dates may be known only when all of it was read.</summary>
internal interface IImportedMessage
{
    /// <summary>The next octets with CRLF at the ends of lines, valid until the next call; empty at the end.</summary>
    ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken ct);

    FlagSet Flags { get; }

    IReadOnlyCollection<string> Keywords { get; }

    /// <summary>INTERNALDATE; null: unknown.</summary>
    DateTimeOffset? Received { get; }
}
