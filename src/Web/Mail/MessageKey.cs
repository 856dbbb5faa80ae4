using System.Globalization;
using Webmail.MailCore.Model;

namespace Webmail.Web.Mail;

/// <summary>A message in a mailbox, as the pages name it: "F1-3.42" in markup.</summary>
public readonly record struct MessageKey(MailboxId Box, Uid Uid)
{
    public override string ToString() => $"{Box}.{Uid}";

    /// <summary>The UID in what <see cref="ToString"/> gave; the caller knows the mailbox by its own lookup.</summary>
    public static bool TrySplit(string text, out string box, out Uid uid)
    {
        var dot = text.LastIndexOf('.');
        box = dot > 0 ? text[..dot] : "";
        uid = dot > 0 && uint.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? new(value) : default;
        return uid.Value != 0;
    }
}
