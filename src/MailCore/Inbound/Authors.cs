using Webmail.MailCore.Model;

namespace Webmail.MailCore.Inbound;

/// <summary>The addresses of From and Sender.</summary>
/// <param name="FromFields">How many From fields there are; one is right.</param>
internal sealed record Authors(int FromFields, IReadOnlyList<EmailAddress> From, IReadOnlyList<EmailAddress> Sender)
{
    /// <summary>Null: a field has something in it that is no address.</summary>
    public static Authors? Read(ReadOnlySpan<byte> header)
    {
        List<EmailAddress> from = [], sender = [];
        var fields = 0;
        foreach (var field in new HeaderFields(header))
        {
            var isFrom = field.Is("From"u8);
            if (!isFrom && !field.Is("Sender"u8))
                continue;
            if (AddressList.TryParse(field.Value) is not { } addresses)
                return null;
            (isFrom ? from : sender).AddRange(addresses);
            if (isFrom)
                fields++;
        }

        return new(fields, from, sender);
    }
}
