using Webmail.MailCore.Model;

namespace Webmail.MailCore.Inbound;

/// <summary>Who a message itself says it is from and for: what <c>sendmail -t</c> asks.</summary>
/// <param name="From">The first address of From (of Resent-From where there is one); null: none that can be read.</param>
/// <param name="Recipients">To, Cc and Bcc, or Resent-To, Resent-Cc and Resent-Bcc where there is one of these; each address once.</param>
/// <param name="Unreadable">The value of the first recipient field that can't be read; null: all could.</param>
public sealed record HeaderRecipients(EmailAddress? From, IReadOnlyList<EmailAddress> Recipients, string? Unreadable)
{
    public static HeaderRecipients Read(ReadOnlySpan<byte> header)
    {
        List<EmailAddress> to = [], resentTo = [];
        EmailAddress? from = null, resentFrom = null;
        var isResent = false;
        string? unreadable = null;
        foreach (var field in new HeaderFields(header))
        {
            if (field.Is("From"u8))
            {
                from ??= First(field.Value);
            }
            else if (field.Is("Resent-From"u8))
            {
                resentFrom ??= First(field.Value);
            }
            else if (IsRecipients(field, out var resent))
            {
                isResent |= resent;
                if (AddressList.TryParse(field.Value) is { } addresses)
                    (resent ? resentTo : to).AddRange(addresses);
                else
                    unreadable ??= System.Text.Encoding.UTF8.GetString(field.Value).Trim();
            }
        }

        return new(resentFrom ?? from, [.. (isResent ? resentTo : to).Distinct()], unreadable);
    }

    private static EmailAddress? First(ReadOnlySpan<byte> value) => AddressList.TryParse(value) is [var first, ..] ? first : null;

    private static bool IsRecipients(HeaderField field, out bool resent)
    {
        resent = field.Is("Resent-To"u8) || field.Is("Resent-Cc"u8) || field.Is("Resent-Bcc"u8);
        return resent || field.Is("To"u8) || field.Is("Cc"u8) || field.Is("Bcc"u8);
    }
}
