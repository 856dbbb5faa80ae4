using System.Globalization;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;

namespace Webmail.Web.Mail;

/// <summary>
/// The URLs of mail: /mail/{folder}[/{uid}], with the folder by its use ("inbox", "sent" …) or its id, and ?q= (search), in=all (every folder),
/// show= (a filter) and compose=. Each says the whole of what is shown, so that a reload or a lost circuit comes back to it.
/// </summary>
internal static class MailAddressing
{
    private static readonly Dictionary<string, SpecialUse> Uses = new(StringComparer.Ordinal)
    {
        ["drafts"] = SpecialUse.Drafts,
        ["sent"] = SpecialUse.Sent,
        ["junk"] = SpecialUse.Junk,
        ["trash"] = SpecialUse.Trash,
        ["archive"] = SpecialUse.Archive,
    };

    public static string SlugOf(MailboxInfo box) => box.Name.IsInbox
        ? "inbox"
        : box.SpecialUse == SpecialUse.None ? box.Id.ToString() : Uses.First(u => u.Value == box.SpecialUse).Key;

    /// <summary>The mailbox that a slug names, among those the principal sees.</summary>
    public static MailboxInfo? Find(IReadOnlyList<MailboxInfo> boxes, string slug)
    {
        if (slug.Equals("inbox", StringComparison.Ordinal))
            return boxes.FirstOrDefault(b => b.Name.IsInbox);
        return Uses.TryGetValue(slug, out var use)
            ? boxes.FirstOrDefault(b => b.SpecialUse == use)
            : boxes.FirstOrDefault(b => b.Id.ToString().Equals(slug, StringComparison.Ordinal));
    }

    /// <param name="Folder">A slug.</param>
    /// <param name="Compose">"new", "draft", "reply", "reply-all" or "forward"; null: none open.</param>
    /// <param name="Of">The message that compose is about, as a key.</param>
    /// <param name="Window">What the compose window was opened with: saving gives the draft another key, the window stays the same one.</param>
    public sealed record Place(
        string Folder, Uid? Uid = null, string? Query = null, bool Everywhere = false, string? Show = null, string? Compose = null, string? Of = null, string? Window = null)
    {
        public override string ToString()
        {
            var path = Uid is { } uid ? string.Create(CultureInfo.InvariantCulture, $"/mail/{Folder}/{uid}") : $"/mail/{Folder}";
            var parts = new List<string>();
            if (!string.IsNullOrEmpty(Query))
                parts.Add("q=" + Uri.EscapeDataString(Query));
            if (Everywhere)
                parts.Add("in=all");
            if (Show is not null)
                parts.Add("show=" + Show);
            if (Compose is not null)
                parts.Add("compose=" + Compose);
            if (Of is not null)
                parts.Add("of=" + Uri.EscapeDataString(Of));
            if (Window is not null)
                parts.Add("w=" + Uri.EscapeDataString(Window));
            return parts.Count == 0 ? path : path + "?" + string.Join('&', parts);
        }
    }
}
