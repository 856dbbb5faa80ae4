using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;
using Webmail.MailCore.Model;
using Webmail.Web.SignIn;

namespace Webmail.Web.Admin;

/// <summary>The aliases: list, add, change, delete. ?edit= and ?new= open the editor.</summary>
public sealed partial class Aliases
{
    private static readonly char[] Separators = ['\n', '\r', ',', ';', ' '];

    private Principal? _actor;
    private List<AliasInfo>? _aliases;
    private string? _next;
    private string _typed = "";
    private string _address = "";
    private string _targets = "";
    private string? _editing;
    private string? _error;
    private string? _said;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "q")]
    private string? Query { get; set; }

    [SupplyParameterFromQuery(Name = "edit")]
    private string? Edit { get; set; }

    [SupplyParameterFromQuery(Name = "new")]
    private string? New { get; set; }

    private bool IsEditing => Edit is not null || New is not null;

    protected override async Task OnParametersSetAsync()
    {
        _actor ??= (await Authentication).User.ToPrincipal();
        if (_aliases is null || !string.Equals(_typed, Query ?? "", StringComparison.Ordinal))
        {
            _typed = Query ?? "";
            await TryAsync(() => ReadAsync(after: null));
            _aliases ??= [];
        }

        if (Edit is not null && !string.Equals(_editing, Edit, StringComparison.Ordinal) && _actor is not null)
        {
            await TryAsync(async () =>
            {
                var alias = await Admin.FindAsync(_actor, Edit, CancellationToken.None) ?? throw new MailException(MailError.NotFound, "No such alias");
                _targets = string.Join('\n', alias.Targets);
            });
        }
        else if (New is not null && _editing is not "")
        {
            (_address, _targets) = ("", "");
        }

        _editing = Edit ?? (New is null ? null : "");
    }

    private async Task ReadAsync(string? after)
    {
        if (_actor is null)
            return;
        var page = await Admin.ListAsync(_actor, new AliasQuery { Search = Query, After = after }, CancellationToken.None);
        _aliases = after is null ? [.. page.Items] : [.. _aliases!, .. page.Items];
        _next = page.Next;
    }

    private Task MoreAsync() => TryAsync(() => ReadAsync(_next));

    private void SearchAsync() =>
        Navigation.NavigateTo(_typed.Trim().Length > 0 ? "/admin/aliases?q=" + Uri.EscapeDataString(_typed.Trim()) : "/admin/aliases");

    private static string EditUrl(AliasInfo alias) => "/admin/aliases?edit=" + Uri.EscapeDataString(alias.Address);

    private void Close()
    {
        _error = null;
        Navigation.NavigateTo("/admin/aliases");
    }

    private Task SaveAsync() => TryAsync(async () =>
    {
        var targets = _targets.Split(Separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var saved = Edit is null
            ? await Admin.AddAsync(_actor!, _address.Trim(), targets, CancellationToken.None)
            : await Admin.SetAsync(_actor!, Edit, targets, CancellationToken.None);
        _said = Edit is null ? T["{0} was created", saved.Address] : T["{0} was changed", saved.Address];
        await ReadAsync(after: null);
        Close();
    });

    private Task RemoveAsync() => TryAsync(async () =>
    {
        await Admin.RemoveAsync(_actor!, Edit!, CancellationToken.None);
        _said = T["{0} was deleted", Edit!];
        await ReadAsync(after: null);
        Close();
    });

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            _error = null;
            await work();
        }
        catch (MailException e)
        {
            _error = AdminErrors.Words(e, T);
        }
    }
}
